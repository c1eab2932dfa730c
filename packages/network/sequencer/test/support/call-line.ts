import type { CallLine } from '../../src/bus/bus.ts';
import type { CallNews } from '../../src/bus/call-news.ts';

/** What a replica tells others of calls, and what it hears from them. */
export function createLine() {
  const told: CallNews[] = [];
  const listeners: ((replica: string, news: CallNews) => void)[] = [];
  const line: CallLine = {
    tellCalls: (news) => void told.push(news),
    onCalls(listener) {
      listeners.push(listener);
      return () => {};
    },
  };
  const hear = (replica: string, news: CallNews) => {
    for (const listener of listeners) listener(replica, news);
  };
  return { ...line, told, hear };
}
