/** A program or commands to copy. A scrolling area must be reachable by keyboard. */
export function Code({ children, isWrapped = false }: { children: string; isWrapped?: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <pre className={isWrapped ? 'code wraps' : 'code'} tabIndex={0} data-program>
      {children}
    </pre>
  );
}
