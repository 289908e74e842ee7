// What the page of models fetches before it is shown.
import type { QueryClient } from '@tanstack/react-query'
import type { Schema } from '~/api/client'
import { driftQuery, evaluationQuery, modelsQuery } from './queries'
import type { ModelsUrl } from './url'

type Model = Schema<'LiveModelOut'>

/** The model that the address names; the lead score when it names none. */
export function chosen(models: readonly Model[], { kind, market }: ModelsUrl): Model | undefined {
  return models.find((one) => one.kind === kind && (one.market ?? undefined) === market) ?? models.find((one) => one.kind === 'lead-score') ?? models[0]
}

/** Fetches what the page shows, so that nothing moves when it comes; what fails is told in its place. */
export async function loadModels(client: QueryClient, search: ModelsUrl): Promise<void> {
  const fresh = { staleTime: 'static' } as const
  const current = chosen(await client.query({ ...modelsQuery, ...fresh }), search)
  if (current === undefined) return
  const drifts = current.kind !== 'price' && current.trained_at != null
  await Promise.allSettled([client.query({ ...evaluationQuery(current.kind, current.market ?? undefined), ...fresh }), drifts ? client.query({ ...driftQuery(current.kind), ...fresh }) : null])
}
