import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconBook2, IconPlus, IconSearch, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Article } from '@/bridge/contract';
import { queries } from '@/bridge/queries';
import { useRecordEdits } from '@/state/edits';
import { useText } from '@/state/language';
import { choicesOf, useMeta } from '@/state/queries';
import { useShortcuts } from '@/state/shortcuts';
import { toast } from '@/state/toasts';
import { Ago } from '@/ui/Ago';
import { Attachments } from '@/ui/attachments/Attachments';
import { CreateForm } from '@/ui/CreateForm';
import { LongText } from '@/ui/fields/LongText';
import { Page } from '@/ui/page';
import { PendingDot } from '@/ui/Pending';
import { fieldNamed, RecordPage } from '@/ui/RecordPage';
import { StateButtons, StateMark } from '@/ui/StateButtons';
import { Empty, Loaded } from '@/ui/states';
import classes from './knowledge.module.css';

/** All articles, newest change first. */
export function KnowledgeScreen() {
  const t = useText();
  const meta = useMeta();
  const navigate = useNavigate();
  const [status, setStatus] = useState('');
  const [q, setQ] = useState('');
  const box = useRef<HTMLInputElement>(null);
  const list = useQuery(queries.list('article', { sort: '-changedAt', limit: 200, ...(status === '' ? {} : { status: [status] }), ...(q === '' ? {} : { q }) }));
  useShortcuts([{ keys: '/', label: t.knowledge.filter, group: 'list', run: () => box.current?.focus() }]);
  const create = () => void navigate({ to: '/knowledge/new' });
  return (
    <Page
      title={t.knowledge.title} count={list.data?.total}
      tools={<SegmentedControl size="xs" aria-label={t.knowledge.status} value={status} onChange={setStatus} data={[{ value: '', label: t.knowledge.all }, ...choicesOf(meta, 'article', 'status').map((one) => ({ value: one.key, label: t.common.word(one.label) }))]} />}
      actions={
        <>
          <TextInput ref={box} aria-label={t.knowledge.filter} placeholder={t.knowledge.filter} value={q} onChange={(e) => { setQ(e.currentTarget.value); }} leftSection={<IconSearch size={14} stroke={1.5} aria-hidden />} />
          <Button variant="default" leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />} onClick={create}>{t.knowledge.newArticle}</Button>
        </>
      }
    >
      <Loaded query={list}>
        {({ rows }) => rows.length === 0 ? (
          q !== '' || status !== '' ? <Empty icon={IconBook2} title={t.knowledge.nothingFound} action={{ label: t.common.clearFilters, run: () => { setQ(''); setStatus(''); } }} />
            : <Empty icon={IconBook2} title={t.knowledge.empty} hint={t.knowledge.emptyHint} action={{ label: t.knowledge.newArticle, run: create }} />
        ) : (
          <ul className={classes.list} aria-label={t.knowledge.list}>
            {rows.map((row) => (
              <li key={row.id}>
                <Link to="/knowledge/$id" params={{ id: row.id }} className={classes.line ?? ''}>
                  <span className="num muted">{row.number ?? row.provisional}</span>
                  <span className={classes.title}><span className="ellipsis">{row.title}</span>{row.pending && <PendingDot />}</span>
                  <span className="muted ellipsis">{row.category}</span>
                  <span>{row.status === undefined || row.status === '' ? null : <StateMark state={row.status} label={row.statusLabel ?? row.status} />}</span>
                  <span className={classes.when}><Ago at={row.changedAt} className="muted" /></span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Page>
  );
}

export function ArticleScreen({ id }: { id: string }) {
  const query = useQuery(queries.article(id));
  return <Loaded query={query} screen>{(article) => <ArticlePage key={id} article={article} />}</Loaded>;
}

const properties = ['owner', 'review_on', 'category', 'services', 'tags', 'helpful', 'not_helpful'];

function ArticlePage({ article }: { article: Article }) {
  const t = useText();
  const edits = useRecordEdits(article.id);
  const body = fieldNamed(article, 'body');
  const status = fieldNamed(article, 'status');
  return (
    <RecordPage
      record={article} back="/knowledge" sideTitle={t.knowledge.properties} properties={properties}
      side={status === undefined ? null : <StateButtons record={article} field={status} next={article.next ?? []} edits={edits} label={(_to, name) => t.common.word(name)} />}
    >
      {() => (
        <>
          {body !== undefined && <LongText recordId={article.id} field={body} edits={edits} html={article.html} placeholder={t.knowledge.addBody} sideBySide noHeading />}
          <Attachments id={article.id} />
          <Helpful id={article.id} />
        </>
      )}
    </RecordPage>
  );
}

/** Counts whether an article helped. */
function Helpful({ id }: { id: string }) {
  const t = useText();
  const edits = useRecordEdits(id);
  const say = (field: 'helpful' | 'not_helpful') => {
    void edits.save('rate', [{ op: 'count', field, delta: 1 }]).then((stored) => { if (stored) toast({ tone: 'good', sentence: t.knowledge.thanks }); });
  };
  return (
    <div className={classes.helpful}>
      <span className="muted">{t.knowledge.wasHelpful}</span>
      <Button variant="default" size="compact-sm" leftSection={<IconThumbUp size={14} stroke={1.5} aria-hidden />} onClick={() => { say('helpful'); }}>{t.knowledge.helpful}</Button>
      <Button variant="default" size="compact-sm" leftSection={<IconThumbDown size={14} stroke={1.5} aria-hidden />} onClick={() => { say('not_helpful'); }}>{t.knowledge.notHelpful}</Button>
    </div>
  );
}

export function NewArticleScreen() {
  const t = useText();
  const navigate = useNavigate();
  return (
    <Page title={t.knowledge.newArticle}>
      <CreateForm
        kind="article" fields={['title', 'body', 'category', 'owner', 'review_on', 'services', 'tags']} required={['title']} missing={t.knowledge.titleMissing} submitLabel={t.knowledge.create} wideText
        onCreated={(record) => void navigate({ to: '/knowledge/$id', params: { id: record.id } })} onBack={() => void navigate({ to: '/knowledge' })}
      />
    </Page>
  );
}
