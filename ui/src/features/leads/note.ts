// The note that is being written: asked for from anywhere on the page of a lead, and kept while another tab is in sight.
import { createStore } from '~/state/store'

/** Whether the field for a note is to have the focus, as soon as it is there. */
export const noteAsked = createStore(false)

export function askNote(): void {
  noteAsked.set(true)
}

const drafts = new Map<string, string>()

/** What was written about a lead and not saved. */
export function draftOf(lead: string): string {
  return drafts.get(lead) ?? ''
}

export function keepDraft(lead: string, text: string): void {
  if (text.trim() === '') drafts.delete(lead)
  else drafts.set(lead, text)
}
