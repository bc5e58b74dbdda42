// A document and its localStorage, by jsdom. Node loads it: Jest would read each of its files. Its own types would let all tests use
// the types of a browser.

interface Dom {
  readonly window: {
    readonly document: { querySelector(selector: string): { readonly textContent: string } };
    readonly navigator: unknown;
    readonly localStorage: unknown;
  };
}

const { createRequire } = process.getBuiltinModule('node:module');

export const { JSDOM } = createRequire(__filename)('jsdom') as {
  readonly JSDOM: new (html: string, options?: { readonly url: string }) => Dom;
};
