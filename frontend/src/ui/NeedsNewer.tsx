import { Alert } from '@mantine/core';
import { IconPackages } from '@tabler/icons-react';
import type { RecordView } from '@/bridge/contract';
import { useText } from '@/state/language';

/** Says that a record holds more than this version can show. Nothing where it can show all of it. */
export function NeedsNewer({ record }: { record: RecordView }) {
  const t = useText();
  if (record.newer !== true) return null;
  return <Alert role="note" title={t.waiting.newerTitle} icon={<IconPackages size={18} stroke={1.5} />} variant="light">{t.waiting.newer}</Alert>;
}
