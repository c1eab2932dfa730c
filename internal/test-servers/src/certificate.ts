import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the parts of a certificate are. */
export interface TestCertificate {
  key: string;
  certificate: string;
  /** Both in one file. */
  both: string;
  /** The authority that signed it. */
  authority: string;
}

/** Makes an authority, and a certificate of it for this machine. */
export function createCertificate(folder: string): TestCertificate {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const fresh = ['-newkey', 'rsa:2048', '-nodes'];
  const [authority, authorityKey] = [at('authority.pem'), at('authority.key')];
  openssl(
    'req',
    '-x509',
    ...fresh,
    '-days',
    '2',
    '-subj',
    '/CN=Test authority',
    '-keyout',
    authorityKey,
    '-out',
    authority,
  );
  const [key, certificate, both] = [at('server.key'), at('server.pem'), at('both.pem')];
  openssl('req', ...fresh, '-subj', '/CN=localhost', '-keyout', key, '-out', at('server.csr'));
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1');
  const signed = ['-CA', authority, '-CAkey', authorityKey, '-CAcreateserial', '-extfile', at('names'), '-days', '2'];
  openssl('x509', '-req', '-in', at('server.csr'), ...signed, '-out', certificate);
  writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'));
  return { key, certificate, both, authority };
}
