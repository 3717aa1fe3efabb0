const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** A name for generated clients: POST /v1/runs/:id/cancel → postRunsByIdCancel. */
export function operationIdOf(method: string, url: string): string {
  const words = url
    .replace(/^\/v1\//, '')
    .split('/')
    .flatMap(part => (part.startsWith(':') ? ['by', part.slice(1)] : part.split('-')))
  return (
    (verbs[method] ?? method.toLowerCase()) + words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  )
}
