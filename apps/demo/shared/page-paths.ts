/** The paths of the page's router. The server answers any other with 404. */
export const PAGE_PATHS = [
  '/',
  '/make/:family',
  '/gallery',
  '/chains/:id?',
  '/network',
  '/your-workflow',
  '/tasks/:id',
] as const;
