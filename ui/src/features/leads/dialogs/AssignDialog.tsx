// Gives leads to somebody.
import { useEffect, useRef } from 'react'
import { Dialog } from '~/components/Dialog'
import { Icon } from '~/components/Icon'
import { plural } from '~/format/numbers'
import { leadName } from '~/format/words'
import { done } from '../action'
import { useChangeLeads } from '../changes'
import { usePeople } from '../people'
import type { Lead } from '../queries'
import styles from './Dialogs.module.css'

export default function AssignDialog({ leads }: { leads: readonly Lead[] }) {
  const people = usePeople()
  const change = useChangeLeads()
  const [first] = leads
  const whom = leads.length === 1 && first !== undefined ? leadName(first) : plural(leads.length, 'lead')
  const current = leads.length === 1 ? (first?.assignee ?? null) : undefined
  const choices = [...people.map(({ id, name, email, me }) => ({ id, name: me ? 'Me' : name, email })), { id: null, name: 'Nobody', email: '' }]
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>('[aria-current]') ?? list.current?.querySelector('button')
    chosen?.focus()
  }, [])
  const give = (id: string | null, name: string) => {
    done()
    if (id !== current) void change(leads, { assignee: id }, id === null ? 'Assigned to nobody' : `Assigned to ${name === 'Me' ? 'me' : name}`)
  }
  return (
    <Dialog title={`Assign ${whom}`} width={400} onClose={done}>
      <ul ref={list} className={styles.list}>
        {choices.map(({ id, name, email }) => (
          <li key={id ?? 'nobody'}>
            <button type="button" onClick={() => give(id, name)} aria-current={id === current ? true : undefined}>
              <Icon name={id === current ? 'check' : 'user'} size={16} />
              <span>{name}</span>
              <small>{email}</small>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
