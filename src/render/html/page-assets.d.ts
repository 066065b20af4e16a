/** The page's own script and style sheet, bundled from page/ when gpucost is built (.tools/page-assets.mjs). */
declare module 'gpucost:page-assets' {
  /** A classic script that runs when the page is read. */
  export const pageScript: string;
  export const pageStyle: string;
  /** SHA-256 of each in base64, as a content security policy names it. */
  export const scriptHash: string;
  export const styleHash: string;
}
