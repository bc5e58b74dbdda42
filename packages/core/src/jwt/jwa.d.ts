// What signature.ts asks of jwa. The types that are published for it know of no KeyObject.

declare module 'jwa' {
  import type { KeyObject } from 'node:crypto';

  interface Scheme {
    verify(signingInput: string, signature: string, key: KeyObject): boolean;
  }

  /** RFC 7518 §3.2 to §3.5 */
  export default function jwa(algorithm: string): Scheme;
}
