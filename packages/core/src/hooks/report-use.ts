// How a verifier tells the issuer that an access token was used. The issuer decides what it reports.

/** Called with the claims of every token that was verified. Must be cheap, and must not throw. */
export type ReportUse = (claims: Readonly<Record<string, unknown>>) => void;
