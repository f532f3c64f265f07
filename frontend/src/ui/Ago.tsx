import { exactTime, parseInstant, relativeTime } from '@/lib/time';
import { useNow } from '@/state/clock';
import { useLanguage } from '@/state/language';

/** A time relative to now, with the exact one on hover. */
export function Ago({ at, className }: { at: string | null | undefined; className?: string }) {
  const language = useLanguage();
  const now = useNow();
  const instant = parseInstant(at);
  if (instant === null) return null;
  return (
    <time className={`num ${className ?? ''}`} dateTime={instant.toISOString()} title={exactTime(instant, language)}>
      {relativeTime(instant, now, language)}
    </time>
  );
}
