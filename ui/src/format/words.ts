// Words of the server's codes, for people.

/** `active_under_contract` → `Active under contract` */
export function sentence(code: string): string {
  const text = code.replaceAll(/[_-]+/g, ' ').trim()
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The name of a lead, or what else tells it apart. */
export function leadName(lead: { name?: string | null; email?: string | null; phone?: string | null; external_id?: string | null }): string {
  return lead.name ?? lead.email ?? lead.phone ?? lead.external_id ?? 'No name'
}
