import { IconAlertTriangle } from '@tabler/icons-react';
import type { Problem } from '@/bridge/contract';
import { useText } from '@/state/language';
import classes from './config.module.css';

/** What is wrong in the draft, by file and line, with what would be allowed. A click goes to the line. */
export function ProblemList({ problems, open }: { problems: readonly Problem[]; open: (path: string, line: number) => void }) {
  const t = useText();
  if (problems.length === 0) return null;
  return (
    <section className={classes.problems} aria-label={t.config.problems(problems.length)}>
      <p role="status"><IconAlertTriangle size={16} stroke={1.5} aria-hidden /> <b>{t.config.problems(problems.length)}.</b> {t.config.problemsHint}</p>
      <ul>
        {problems.map((problem, i) => (
          <li key={`${problem.file}:${String(problem.line)}:${String(i)}`}>
            <button type="button" onClick={() => { open(problem.file, problem.line); }} aria-label={t.config.jump(problem.file, problem.line)}>{problem.file}, {t.config.line(problem.line)}</button>
            <span>{problem.what}</span>
            {problem.allowed !== undefined && problem.allowed !== '' && <span className={classes.allowed}>{t.config.allowed(problem.allowed)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
