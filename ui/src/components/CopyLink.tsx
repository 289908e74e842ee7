// Copies the address of the page, which shows the same again to whoever may see it.
import { copy } from '~/state/clipboard'
import { toast } from '~/state/toasts'
import { Button } from './Button'

export function CopyLink() {
  return <Button icon="link" onClick={copyLink}>Copy link</Button>
}

/** The same, for a menu. */
export function copyLink(): void {
  void copy(globalThis.location.href).then((done) => {
    if (done) toast('Link copied')
    else toast('The browser does not allow copying here; take the link from its address bar', { look: 'error' })
  })
}
