// One verifier for all programs of these folders.
module.exports = {
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  /** @type {[{ kid: string, algorithm: 'HS256', secret: string }]} */
  keys: [{ kid: '1', algorithm: 'HS256', secret: '0123456789abcdef0123456789abcdef' }],
};
