// An import on its way: how far it is, how long it may take, and the way to end it.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { key } from '~/api/keys'
import { Button } from '~/components/Button'
import { refused } from '~/components/Refusal'
import { plural } from '~/format/numbers'
import { size } from '~/format/size'
import { span } from '~/format/time'
import { toast } from '~/state/toasts'
import styles from './Import.module.css'
import { leftOf, shareOf, useCourse, type Course } from './progress'
import { cancelImport, importQuery, isGoing, type Import } from './queries'

export function Going({ of }: { of: Import }) {
  const course = useCourse(of.id)
  const share = shareOf(course)
  return (
    <div className={styles.going}>
      {/* Without a value it shows that something goes on, and not how far. */}
      <progress className={styles.progress} value={share ?? undefined} max={1} aria-label="How far the import is" />
      <span className={styles.quiet}>{words(of, course)}</span>
      <Cancel key={of.id} of={of} />
    </div>
  )
}

function words({ state, counts }: Import, course: Course | undefined): string {
  if (state === 'queued') return 'It waits for its turn.'
  const parts = [`${plural(counts.rows, 'row')} so far`]
  if (course?.total != null) parts.push(`${size(course.last.bytes)} of ${size(course.total)} read`)
  const left = course === undefined ? null : leftOf(course)
  if (left !== null) parts.push(`about ${span(Math.max(1_000, left))} left`)
  return parts.join(', ')
}

function Cancel({ of }: { of: Import }) {
  const client = useQueryClient()
  const { mutate, data, isPending } = useMutation({
    mutationFn: () => cancelImport(of.id),
    onSuccess: (now) => {
      client.setQueryData(importQuery(of.id).queryKey, now)
      if (!isGoing(now)) toast('Import cancelled')
    },
    onError: (error) => toast(refused(error, 'The import'), { look: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: key('imports') }),
  })
  const asked = isPending || data !== undefined
  // It stays focusable while the import stops, so that the keyboard does not lose its place.
  return <Button look="danger" aria-disabled={asked} onClick={() => { if (!asked) mutate() }}>{asked ? 'Stopping' : 'Cancel the import'}</Button>
}
