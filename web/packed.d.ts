/** The address of a file that lies packed beside the page: see scripts/pages.ts. */
declare module '*?packed' {
  const address: string
  export default address
}
