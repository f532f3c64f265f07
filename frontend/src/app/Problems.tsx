import { IconAlertTriangle } from '@tabler/icons-react';
import { type ErrorComponentProps, useNavigate, useRouter } from '@tanstack/react-router';
import { useText } from '@/state/language';
import { Empty } from '@/ui/states';

/** A screen that failed to show. Data and drafts are untouched. */
export function Crashed({ error, reset }: ErrorComponentProps) {
  const t = useText();
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <div role="alert">
      <Empty screen icon={IconAlertTriangle} title={t.errors.crashed} hint={t.errors.crashedHelp} action={{ label: t.common.retry, run: again }} />
      <p className="faint mono" style={{ textAlign: 'center' }}>{error instanceof Error ? error.message : String(error)}</p>
    </div>
  );
}

export function NotFound() {
  const t = useText();
  const navigate = useNavigate();
  return (
    <Empty screen icon={IconAlertTriangle} title={t.errors.notFound} hint={t.errors.notFoundHelp} action={{ label: t.errors.goHome, run: () => void navigate({ to: '/my-work' }) }} />
  );
}
