import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { diffSchema } from '../diff/schema.ts';
import { UsageError } from '../errors.ts';
import { Forbidden, githubApi } from '../github/api.ts';
import { fitComment } from '../github/body.ts';
import { commentTarget } from '../github/context.ts';
import { type Behavior, publishComment } from '../github/publish-comment.ts';
import { diffMarker, renderDiffMarkdown } from '../render/diff/markdown.ts';
import { markdownMarker, renderMarkdown } from '../render/markdown.ts';
import { reportSchema } from '../report/schema.ts';
import { writeOutput } from './output.ts';
import { say } from './stderr.ts';
import { renderOptionsFor } from './terminal.ts';

export interface CommentFlags {
  readonly behavior: Behavior;
  readonly repo?: string;
  readonly pr?: number;
  readonly dryRun?: boolean;
}

/**
 * Puts a report or a comparison onto its pull request. Returns 0 also where the run belongs to none, or the token may not comment
 * (a fork's): the pipeline's work does not depend on a comment.
 */
export async function commentGithub(path: string, flags: CommentFlags): Promise<number> {
  const { marker, markdown } = await readComment(path);
  const body = fitComment(markdown);
  if (flags.dryRun === true) {
    await writeOutput(body, null);
    return 0;
  }
  const { apiUrl, repository, pullRequest } = await commentTarget(flags, process.env);
  if (pullRequest === null) {
    const event = process.env['GITHUB_EVENT_NAME'] ?? 'none';
    say(
      `gpucost: no pull request to comment on (event: ${event}); pass --pr NUMBER to name one. Nothing was written.`,
    );
    return 0;
  }
  const token = process.env['GITHUB_TOKEN'] ?? '';
  if (token === '') {
    throw new UsageError('GITHUB_TOKEN is not set', {
      hint: 'In the workflow step: env: GITHUB_TOKEN: ${{ github.token }}, with permissions: pull-requests: write.',
    });
  }
  try {
    const done = await publishComment(
      githubApi(apiUrl, token, Date.now),
      { repository, pullRequest, body, marker, behavior: flags.behavior },
      async (ms) => {
        await sleep(ms);
      },
    );
    say(`gpucost: comment ${done} on ${repository}#${pullRequest}`);
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    say(
      `gpucost: warning: the token may not comment on ${repository}#${pullRequest} (${error.message}). A run of a fork has a token that only reads; elsewhere the job needs permissions: pull-requests: write.`,
    );
  }
  return 0;
}

interface Comment {
  readonly marker: string;
  readonly markdown: string;
}

/** A report's or a comparison's comment; each has a marker of its own, so that a pull request may hold both. */
async function readComment(path: string): Promise<Comment> {
  const json = await readJson(path);
  if (schemaOf(json) === 'gpucost.diff/1') {
    const diff = parsedBy(diffSchema, json, path, 'comparison of schema gpucost.diff/1');
    return { marker: diffMarker, markdown: renderDiffMarkdown(diff) };
  }
  const report = parsedBy(reportSchema, json, path, 'report of schema gpucost.report/1');
  const options = renderOptionsFor(process.stdout, process.env, { color: false, verbose: false });
  return { marker: markdownMarker, markdown: renderMarkdown(report, options) };
}

const writeOne = 'Write one with gpucost report -o report.json, or gpucost diff -o diff.json.';

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(
      `${path} can't be read as a report: ${cause instanceof Error ? cause.message : ''}`,
      { cause, hint: writeOne },
    );
  }
}

function schemaOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'schema' in json ? json.schema : undefined;
}

function parsedBy<T>(schema: z.ZodType<T>, json: unknown, path: string, what: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `${path} is no ${what}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    { cause: parsed.error, hint: writeOne },
  );
}
