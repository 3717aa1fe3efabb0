import type { IncidentSubject } from '@causeway/contracts'
import { Link } from '@tanstack/react-router'
import { Siren } from 'lucide-react'
import { useClient } from '../api/use-client.ts'

/** To the incidents about something, and to open one. */
export function IncidentLink({ about: { kind, id } }: { about: IncidentSubject }) {
  const { environment } = useClient()
  return (
    <Link className="action mt-4" to="/incidents" search={{ environment, about: `${kind}:${id}` }}>
      <Siren aria-hidden className="size-4" /> Incidents about it
    </Link>
  )
}
