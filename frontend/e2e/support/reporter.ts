import type { FullResult, Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter';

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** One line a journey, the reason of a failure below it, and a line that counts at the end. */
export default class CountingReporter implements Reporter {
  private passed = 0;
  private failed = 0;

  printsToStdio(): boolean {
    return true;
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const good = result.status === 'passed';
    if (good) this.passed++;
    else this.failed++;
    this.say(`${good ? 'ok  ' : 'FAIL'} ${(result.duration / 1000).toFixed(1).padStart(5)} s  ${test.title}`);
    for (const error of result.errors) this.explain(error);
    if (good) return;
    for (const file of result.attachments) if (file.path !== undefined) this.say(`      ${file.name}: ${file.path}`);
  }

  /** What fails outside of journeys, such as a file that cannot be read. */
  onError(error: TestError): void {
    this.failed++;
    this.explain(error);
  }

  onEnd(result: FullResult): void {
    if (result.status === 'interrupted' || result.status === 'timedout') this.say('The run was interrupted.');
    this.say(`${String(this.passed)} passed, ${String(this.failed)} failed`);
  }

  private explain(error: TestError): void {
    const text = [error.message ?? error.value ?? '', error.location === undefined ? '' : `at ${error.location.file}:${String(error.location.line)}`];
    this.say(text.filter((line) => line !== '').join('\n').replaceAll(colours, '').replace(/^/gm, '      '));
  }

  private say(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}
