import { useMutation } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { KeyRound } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { clientFor } from '../api/client.ts'
import { ProblemNote } from '../parts/problem.tsx'
import { useTitle } from '../parts/use-title.ts'

/** Signs in with an API key; the server answers with a cookie that scripts cannot read. */
export function SignInPage() {
  const [key, setKey] = useState('')
  const { from } = useSearch({ from: '/sign-in' })
  useTitle('Sign in')
  const signIn = useMutation({
    mutationFn: () => clientFor(undefined).auth.signIn(key.trim()),
    // Only paths of this page: an address elsewhere would be an open redirect.
    onSuccess: () => window.location.assign(from?.startsWith('/') && !from.startsWith('//') ? from : '/runs'),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    signIn.mutate()
  }
  return (
    <main className="grid min-h-screen place-items-center p-4">
      <form onSubmit={submit} className="panel w-full max-w-sm p-6">
        <h1 className="flex items-center gap-2.5 text-lg font-semibold">
          <img src="/favicon.svg" alt="" className="size-7" /> Sign in to Causeway
        </h1>
        <label className="mt-5 block">
          <span className="font-medium">API key</span>
          <input
            className="field mt-1 w-full font-mono"
            type="password"
            autoComplete="off"
            required
            value={key}
            onChange={event => setKey(event.target.value)}
          />
        </label>
        <p className="text-muted mt-2">
          The first admin key stands in the file <code className="font-mono text-xs">.causeway/admin-key</code>.
        </p>
        {signIn.error && (
          <div className="mt-4">
            <ProblemNote error={signIn.error} />
          </div>
        )}
        <button type="submit" className="action-main mt-5 w-full justify-center" disabled={signIn.isPending}>
          <KeyRound aria-hidden className="size-4" /> Sign in
        </button>
      </form>
    </main>
  )
}
