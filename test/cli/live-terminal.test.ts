import { describe, expect, it } from 'vitest';
import { cliCommand, freshHome } from '../kit/run-cli.ts';
import { hasTmux, openTerminal } from '../kit/tmux.ts';
import { fake, fakePath } from '../sample/fake.ts';

/** Figures, and the history, which depend on the moment, give way to their places. */
function places(screen: string): string {
  return (
    screen
      .replace(/[▁▂▃▄▅▆▇█·]{2,}|[▁▂▃▄▅▆▇█]/g, '▇▇▇')
      .replace(/\d{8}-\d{6}-[a-z]{3}/g, 'ID')
      .replace(/ *\d[\d,.]*( (?:min|s|ms)\b)+/g, ' 0 s')
      .replace(/ *-?\$?\d[\d,.]*/g, (text) => `${text.replace(/[^ $]/g, '').slice(0, 1)}0`)
      .replace(/[ ]{2,}/g, '  ')
      // The load is known once the GPU has idled long enough.
      .replace(/(?:-|\b0 %)(?= +(?:busy|held idle|busy or idle|no reading))/g, 'LOAD')
      .replace(/^(?:localhost|\S+)(?= · aws)/m, 'HOST')
      .replace(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, '⠋')
  );
}

describe.skipIf(!hasTmux).concurrent.each([
  [80, 24],
  [160, 50],
])('watch in a terminal of %i × %i', (columns, rows) => {
  it('through start, load, idle, driver loss, recovery, resize and Ctrl-C', async ({
    expect: see,
  }) => {
    const run = fake('t4', {
      FAKE_SPEED: '10',
      FAKE_FIRST_ROW_MS: '2500',
      FAKE_HANG_AFTER: '30',
      FAKE_FAULT_STARTS: '1',
    });
    const terminal = openTerminal(
      `${cliCommand.join(' ')} watch -i 500ms --no-network --machine aws/g4dn.xlarge`,
      columns,
      rows,
      {
        ...run.env,
        GPUCOST_NVIDIA_SMI: fakePath,
        GPUCOST_HOME: freshHome(),
        LANG: 'C.UTF-8',
        TERM: 'screen-256color',
        TZ: 'UTC',
      },
    );
    const shown: string[] = [];
    const keep = (title: string, screen: string): void => {
      for (const line of screen.split('\n')) see(line.length).toBeLessThanOrEqual(columns);
      see(screen.split('\n').length).toBeLessThanOrEqual(rows);
      // By then the recording may be at work or idle.
      const text =
        title === 'recovery' ? screen.replace(/ (?:busy|held idle) /, ' busy or idle ') : screen;
      shown.push(`== ${title}`, places(text), '');
    };
    try {
      keep('start', await terminal.until('Starting nvidia-smi'));
      keep('load', await terminal.until(/ busy /));
      keep('idle', await terminal.until(/ held idle /));
      keep('driver loss', await terminal.until('no row for'));
      keep('recovery', await terminal.until(/^(?![\s\S]*no row for)[\s\S]* (?:busy|held idle) /));
      terminal.keys('w');
      await terminal.until(columns === 80 ? '[w]' : '[wasted]');
      terminal.keys('t');
      await terminal.until('t shows processes');
      terminal.resize(columns - 20, rows - 10);
      await terminal.until('Ctrl-C ends');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const small = terminal.screen();
      for (const line of small.split('\n')) see(line.length).toBeLessThanOrEqual(columns - 20);
      // Nothing of the wider frame is left over.
      see(small.match(/Ctrl-C ends/g)).toHaveLength(1);
      terminal.keys('C-c');
      see(await terminal.ended()).toBe(0);
      const end = terminal.everything();
      // The last view stays on the screen, the report follows it.
      see(end.lastIndexOf('Ctrl-C ends')).toBeGreaterThan(-1);
      see(end.indexOf('Where it went')).toBeGreaterThan(end.lastIndexOf('Ctrl-C ends'));
    } finally {
      terminal.close();
    }
    await see(`${shown.join('\n')}`).toMatchFileSnapshot(`../golden/watch-${columns}x${rows}.txt`);
  }, 180_000);
});

describe.skipIf(!hasTmux)('keys', () => {
  it('Ctrl-Z stops, fg goes on, and the terminal is given back', async () => {
    const run = fake('t4', {});
    const terminal = openTerminal('bash --norc -i', 100, 30, {
      ...run.env,
      GPUCOST_NVIDIA_SMI: fakePath,
      GPUCOST_HOME: freshHome(),
      LANG: 'C.UTF-8',
      TERM: 'screen-256color',
    });
    try {
      await terminal.until(/bash.*[#$]/);
      terminal.keys(`${cliCommand.join(' ')} watch -i 500ms --no-network`, 'Enter');
      await terminal.until('Ctrl-C ends');
      terminal.keys('C-z');
      await terminal.until('Stopped');
      terminal.keys('echo still $((40 + 2))', 'Enter');
      await terminal.until('still 42');
      terminal.keys('fg', 'Enter');
      await new Promise((resolve) => setTimeout(resolve, 2000));
      terminal.keys('C-c');
      await terminal.until('Where it went', 30_000, true);
      terminal.keys('echo after $((1 + 1)); stty -a | grep -c -- " icanon"', 'Enter');
      await terminal.until(/after 2\n1/);
    } finally {
      terminal.close();
    }
    expect(terminal).toBeDefined();
  }, 180_000);
});
