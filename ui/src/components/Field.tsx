// A field with its label, hint and the server's word on it.
import { useId, type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react'
import styles from './Field.module.css'

interface Common {
  label: string
  hint?: ReactNode
  /** What is wrong with the value, such as one of `fieldMessages(error)`. */
  problem?: string
}

export const formClass = styles.form

type InputProps = Common & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }

export function TextField({ label, hint, problem, ...rest }: InputProps) {
  return <Frame {...{ label, hint, problem }}>{(tied) => <input {...rest} {...tied} className={styles.input} />}</Frame>
}

type AreaProps = Common & TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }

export function TextArea({ label, hint, problem, ...rest }: AreaProps) {
  return <Frame {...{ label, hint, problem }}>{(tied) => <textarea {...rest} {...tied} className={styles.input} />}</Frame>
}

type SelectProps = Common & SelectHTMLAttributes<HTMLSelectElement>

export function SelectField({ label, hint, problem, children, ...rest }: SelectProps) {
  return <Frame {...{ label, hint, problem }}>{(tied) => <select {...rest} {...tied} className={styles.input}>{children}</select>}</Frame>
}

interface Tied {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: true
}

function Frame({ label, hint, problem, children }: Common & { children: (tied: Tied) => ReactNode }) {
  const id = useId()
  const tied: Tied = { id }
  const described = [hint === undefined ? null : `${id}-hint`, problem === undefined ? null : `${id}-problem`].filter((part) => part !== null)
  if (described.length > 0) tied['aria-describedby'] = described.join(' ')
  if (problem !== undefined) tied['aria-invalid'] = true
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(tied)}
      {hint !== undefined && <span id={`${id}-hint`} className={styles.hint}>{hint}</span>}
      {problem !== undefined && <span id={`${id}-problem`} className={styles.problem}>{problem}</span>}
    </div>
  )
}
