/** What the pages of VitePress lack for people who listen to them. */
export function readable(html: string): string {
  // the home layout has no landmark
  return html.replace('<div class="VPHome', '<div role="main" class="VPHome');
}
