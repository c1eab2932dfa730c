/** The job id that is stored: each session and each end user has job ids of its own. */
export function scopeJobId(job_id: string | null | undefined, scope: string | undefined): string | undefined {
  if (job_id == null || scope === undefined) return job_id ?? undefined;
  return JSON.stringify([scope, job_id]);
}

/** As its caller wrote it. */
export function shownJobId({ job_id, scope }: { job_id: string | undefined; scope?: string | undefined }): string {
  if (job_id === undefined || scope === undefined) return job_id ?? '';
  const [, own] = JSON.parse(job_id) as [string, string];
  return own;
}
