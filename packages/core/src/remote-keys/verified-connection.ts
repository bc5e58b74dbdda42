// Verifies the server of a TLS connection before anything is written to it. RFC 9110 §4.3.4

import type { Duplex } from 'node:stream';
import { checkServerIdentity, TLSSocket } from 'node:tls';

import { failFetch } from './fetch-error.js';

/**
 * Calls `verified` when the server of a connection is the one that the URL names, or `refused` with the reason. The
 * connection may be new, or one that an agent has kept.
 *
 * Does not rely on the agent that made the connection: it may accept any certificate or any host.
 */
export function whenVerified(
  url: URL,
  socket: Duplex,
  verified: () => void,
  refused: (reason: unknown) => void,
): void {
  const check = () => {
    try {
      requireVerifiedServer(url, socket);
    } catch (reason) {
      refused(reason);
      return;
    }
    verified();
  };
  if (socket instanceof TLSSocket && !isHandshakeDone(socket)) socket.once('secureConnect', check);
  else check();
}

// Node sets one of the two at the end of the handshake. Before, the error is null, whatever its type says.
function isHandshakeDone({ authorized, authorizationError }: TLSSocket): boolean {
  return authorized || Boolean(authorizationError);
}

function requireVerifiedServer(url: URL, socket: Duplex): void {
  if (!(socket instanceof TLSSocket)) {
    failFetch(
      url,
      'was reached without TLS; if there is a proxy, it may have refused the connection',
    );
  }
  if (socket.destroyed) failFetch(url, 'closed the connection');
  if (!socket.authorized) {
    const reason = String(socket.authorizationError);
    failFetch(url, `sent a certificate that was not verified (${reason})`);
  }
  // In a resumed session Node does not compare host names, and has no certificate to compare here.
  if (socket.isSessionReused()) {
    failFetch(
      url,
      'was reached by an agent that resumes a TLS session, in which the certificate is not verified again: ' +
        'let the agent do a full handshake, or give the key set an agent that nothing else uses',
    );
  }
  const hostname = url.hostname.replaceAll(/[[\]]/g, '');
  const mismatch = checkServerIdentity(hostname, socket.getPeerCertificate());
  if (mismatch !== undefined) throw mismatch;
}
