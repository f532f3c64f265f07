import type { MouseEvent } from 'react';
import { openLink } from '@/bridge/window';

/** HTML that the program rendered from Markdown and made safe. Links open outside. */
export function Html({ html, className = 'prose' }: { html: string; className?: string }) {
  const follow = (event: MouseEvent<HTMLDivElement>) => {
    const link = (event.target as Element).closest('a');
    if (link === null || link.origin === location.origin) return;
    event.preventDefault();
    openLink(link.href);
  };
  // The links inside are what is clicked, by mouse or keyboard; the click only passes through here.
  // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
  return <div dir="auto" className={className} onClick={follow} dangerouslySetInnerHTML={{ __html: html }} />;
}
