import type { IncomingMessage } from 'node:http';
import { Duplex, PassThrough, pipeline, Readable, Transform } from 'node:stream';
import zlib from 'node:zlib';

/** What undoes a `Content-Encoding`. */
const DECODERS: Record<string, () => Duplex> = {
  gzip: zlib.createGunzip,
  'x-gzip': zlib.createGunzip,
  deflate: createInflate,
  br: zlib.createBrotliDecompress,
  zstd: zlib.createZstdDecompress,
};

/**
 * The content of an answer, without what was done to it for the way. Objects in a storage keep the encoding with which they were stored,
 * whatever was asked for. Words that are no encoding, such as `utf-8` or `aws-chunked`, change nothing.
 *
 * @param arrived - is told how many bytes came, as they came
 */
export function decodeBody(response: IncomingMessage, arrived: (bytes: number) => void): Readable {
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      arrived(chunk.length);
      done(null, chunk);
    },
  });
  const decoders = encodingsOf(response).map((name) => DECODERS[name]!());
  // errors reach whoever reads the last stream
  return pipeline([response, counter, ...decoders, new PassThrough()], () => {}) as unknown as Readable;
}

/** The last one that was applied first. */
export function encodingsOf({ headers }: Pick<IncomingMessage, 'headers'>): string[] {
  const names = (headers['content-encoding'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => Object.hasOwn(DECODERS, name)).reverse();
}

/** Whether content is not what its `Content-Encoding` says. */
export function isWronglyEncoded(error: unknown): boolean {
  return /^(Z_|ZSTD_|ERR__ERROR_FORMAT)/.test((error as NodeJS.ErrnoException)?.code ?? '');
}

/** Some servers leave out the head that `deflate` has, and browsers take both: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2 */
function createInflate(): Duplex {
  return Duplex.from(async function* (body: AsyncIterable<Buffer>) {
    const chunks = body[Symbol.asyncIterator]();
    const { value: first = Buffer.alloc(0) } = await chunks.next();
    const isWrapped = (first[0] & 0x0f) === DEFLATE;
    const inflate = isWrapped ? zlib.createInflate() : zlib.createInflateRaw();
    async function* whole() {
      yield first;
      yield* { [Symbol.asyncIterator]: () => chunks };
    }
    yield* pipeline(Readable.from(whole()), inflate, () => {});
  });
}

/** The method in the first byte of that head. */
const DEFLATE = 8;
