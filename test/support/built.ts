// Whether the tests run on the built packages. Those are the same statements, so where something is tried with several
// versions of what our packages stand on, one of each shows that a package works; the sources are tried with all.

export const isBuilt = process.env['TEST_DIST'] === '1';
