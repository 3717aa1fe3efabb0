/** Reads a body up to a number of bytes and leaves the rest. @throws what reading throws */
export async function readAtMost(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= limit) break
  }
  const [only] = chunks
  return (chunks.length === 1 && only ? only : Buffer.concat(chunks)).subarray(0, limit)
}
