import { EventStreamCodec } from '@smithy/core/event-streams'
import { streamedError } from '../../providers/transport/streamed-error.ts'

// Bytes of one message. AWS sends none above 24 MiB; what claims to be longer is no event stream.
const longestMessage = 24 * 1024 * 1024
/** Bytes of the two lengths, their checksum and the checksum of the message. */
const shortestMessage = 16

/** One message of a stream: `kind` is `event`, `exception` or `error`, `name` the type of the event or the exception. */
export interface StreamMessage {
  kind: string
  name: string
  /** The message of an `error`, which has no payload. */
  detail: string
  payload: string
}

/**
 * The messages of a stream in the AWS event stream encoding. A last message that is not whole is not delivered: it was cut off.
 * Source: https://smithy.io/2.0/aws/amazon-eventstream.html
 * @throws ProviderFailure for bytes that are no event stream
 */
export async function* readEventStream(
  provider: string,
  body: AsyncIterable<Buffer>,
): AsyncGenerator<StreamMessage, void> {
  const codec = new EventStreamCodec(
    bytes => Buffer.from(bytes).toString('utf8'),
    text => Buffer.from(text, 'utf8'),
  )
  let chunks: Buffer[] = []
  let length = 0
  let wanted = 4
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    // Joined only when there is a whole message, so that a long one in small pieces is copied once.
    if (length < wanted) continue
    let rest = Buffer.concat(chunks)
    for (
      wanted = wantedOf(rest, provider);
      rest.length >= wanted && rest.length >= 4;
      wanted = wantedOf(rest, provider)
    ) {
      yield decode(codec, rest.subarray(0, wanted), provider)
      rest = rest.subarray(wanted)
    }
    chunks = [rest]
    length = rest.length
  }
}

function wantedOf(bytes: Buffer, provider: string): number {
  if (bytes.length < 4) return 4
  const wanted = bytes.readUInt32BE(0)
  if (wanted < shortestMessage || wanted > longestMessage) throw unreadable(provider)
  return wanted
}

function decode(codec: EventStreamCodec, message: Buffer, provider: string): StreamMessage {
  try {
    const { headers, body } = codec.decode(message)
    const header = (name: string): string => String(Object.hasOwn(headers, name) ? headers[name]?.value : '')
    return {
      kind: header(':message-type'),
      name: header(':event-type') || header(':exception-type') || header(':error-code'),
      detail: header(':error-message'),
      payload: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'),
    }
  } catch (error) {
    throw unreadable(provider, error)
  }
}

const unreadable = (provider: string, cause?: unknown): Error =>
  streamedError(provider, { message: 'the event stream could not be read' }, cause)
