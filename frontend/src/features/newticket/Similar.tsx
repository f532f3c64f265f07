import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { queries } from '@/bridge/queries';
import { useText } from '@/state/language';
import { numberOf, RecordLink } from '@/ui/links';
import classes from './newticket.module.css';

const lettersMin = 6;
const shownMax = 4;
const settleMs = 250;

/** Tickets and articles that sound like what is being typed, so that nothing is written down twice. */
export function Similar({ title, kind }: { title: string; kind: string }) {
  const t = useText();
  const [q] = useDebouncedValue(title.trim(), settleMs);
  const { data } = useQuery({ ...queries.search(q, '', 12), enabled: q.length >= lettersMin });
  const hits = (data?.hits ?? []).filter((hit) => hit.kind === kind || hit.kind === 'incident' || hit.kind === 'article').slice(0, shownMax);
  if (q.length < lettersMin || hits.length === 0) return null;
  return (
    <section className={classes.similar} aria-label={t.newTicket.similar}>
      <span className="muted">{t.newTicket.similarHint}</span>
      <ul>
        {hits.map((hit) => (
          <li key={hit.id}>
            <span className="num muted">{numberOf(hit)}</span>
            <RecordLink record={hit} className="ellipsis" />
            {hit.status !== undefined && hit.status !== '' && <span className="faint">{hit.status}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
