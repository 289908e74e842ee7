// A score and the reasons that sum to it.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Reasons } from '~/components/Reasons'
import { ErrorState, Skeleton } from '~/components/states'
import { baseScore, inPoints } from './points'
import { scoreQuery } from './queries'

export function Why({ id, most, asOf }: { id: string; most: number; asOf?: string }) {
  const { data, isPending, error, refetch } = useQuery({ ...scoreQuery(id, asOf), placeholderData: asOf === undefined ? undefined : keepPreviousData })
  if (isPending) return <Skeleton rows={4} label="Loading the score" />
  if (error !== null) return <ErrorState error={error} what="The score" onRetry={() => void refetch()} />
  return (
    <section>
      <h3>Why {Math.round(data.score)} (base {Math.round(baseScore(data.base))})</h3>
      <Reasons reasons={inPoints(data, most)} most={most} unit="points" />
    </section>
  )
}
