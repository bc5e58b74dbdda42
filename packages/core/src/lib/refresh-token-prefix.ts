// How every refresh token begins. People and scanners for secrets recognise it.

export const refreshTokenPrefix = 'tpr_';
