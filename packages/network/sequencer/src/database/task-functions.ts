// Functions in the database that each do what the statements of a whole transaction do: one round trip for a group of tasks instead of
// ten. See docs/decisions/2026-11-29-one-round-trip-a-group.md. A statement inside a function sees what was committed while
// the one before it waited for a lock, as in a transaction; with one statement of many parts it would not.
//
// Replicas of other versions run beside this one, so a function never changes: another one gets another number.

/**
 * Each statement inside is about a few rows, and is planned once: not after a table that was empty then, whose statistics are old, or
 * as if it were about many.
 */
const BY_INDEX = `SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
  SET enable_mergejoin = off`;

/** The last turn of which a task was claimed, in the workflow that `name` stands for. */
const lastServed = (name: string) => `(SELECT max(turn) FROM heurist.task WHERE attempt > 0 AND workflow_id = ${name})`;

/** The first turn that waits there. */
const firstWaiting = (name: string) =>
  `(SELECT min(turn) FROM heurist.task WHERE status = 'waiting' AND workflow_id = ${name})`;

/** Locks names in one order, as `lockNames` does. */
const lockAll = (names: string) => `PERFORM pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended(name, 15) AS key FROM unnest(${names}) AS name ORDER BY key
  ) AS keys;`;

/**
 * Records new tasks that have nothing special, with their jobs. `quotas`: whose limits hold, with what was counted of each before.
 * `lines`: the tasks of one owner in one workflow with one priority, with the name of their queue. Answers null, and has changed
 * nothing, if one of them is over a limit, has a `job_id` that is known, or would overtake tasks of a lower priority.
 */
export const SUBMIT = `CREATE OR REPLACE FUNCTION heurist.submit_tasks_1(quotas jsonb, lines jsonb, drafts jsonb)
RETURNS jsonb LANGUAGE plpgsql ${BY_INDEX} AS $$
DECLARE
  quota record;
  own record;
  numbers bigint;
  open_now bigint;
  recent_now bigint;
  served int;
  given int;
  waits int;
  first int;
  counted jsonb := '[]';
  placed jsonb := '[]';
  recorded jsonb;
BEGIN
  ${lockAll(`ARRAY(SELECT q->>'owner' FROM jsonb_array_elements(quotas) AS q)`)}
  -- a task that is recorded from here on has a later number
  SELECT last_value INTO numbers FROM heurist.task_number_seq;
  FOR quota IN SELECT * FROM jsonb_to_recordset(quotas) AS q(
    owner text, key uuid, count int, max_open bigint, max_recent bigint, open bigint, recent bigint, number bigint
  ) LOOP
    -- there are no more than were counted once and all that anybody has recorded since
    open_now := quota.open + numbers - quota.number;
    recent_now := quota.recent + numbers - quota.number;
    IF quota.number IS NULL OR quota.number > numbers OR open_now + quota.count > quota.max_open OR recent_now + quota.count > quota.max_recent THEN
      IF quota.key IS NULL THEN
        SELECT count(*) INTO open_now FROM heurist.task
          WHERE consumer_id = quota.owner AND status IN ('waiting', 'running');
        SELECT count(*) INTO recent_now FROM heurist.task
          WHERE consumer_id = quota.owner AND created_at > now() - interval '1 minute';
      ELSE
        SELECT count(*) INTO open_now FROM heurist.task
          WHERE consumer_id = quota.owner AND status IN ('waiting', 'running') AND key_id = quota.key;
        SELECT count(*) INTO recent_now FROM heurist.task
          WHERE consumer_id = quota.owner AND created_at > now() - interval '1 minute' AND key_id = quota.key;
      END IF;
      IF open_now + quota.count > quota.max_open OR recent_now + quota.count > quota.max_recent THEN
        RETURN NULL;
      END IF;
      counted := counted || jsonb_build_object(
        'owner', quota.owner, 'key', quota.key, 'open', open_now, 'recent', recent_now, 'number', numbers
      );
    END IF;
  END LOOP;
  FOR own IN SELECT * FROM jsonb_to_recordset(lines) AS l(
    consumer_id text, workflow_id text, priority int, count int, queue text
  ) LOOP
    SELECT GREATEST(${lastServed('own.workflow_id')}, ${firstWaiting('own.workflow_id')}), max(turn)
      INTO served, waits FROM heurist.task
      WHERE status = 'waiting' AND consumer_id = own.consumer_id AND workflow_id = own.workflow_id AND priority = own.priority;
    IF EXISTS (
      SELECT FROM unnest(ARRAY[1, 0, -1]) AS other WHERE other <> own.priority AND EXISTS (
        SELECT FROM heurist.task WHERE status = 'waiting' AND consumer_id = own.consumer_id
          AND workflow_id = own.workflow_id AND priority = other
      )
    ) THEN
      RETURN NULL;
    END IF;
    SELECT turn INTO given FROM heurist.line
      WHERE consumer_id = own.consumer_id AND workflow_id = own.workflow_id;
    -- as \`placeTasks\` has it for tasks of one priority
    served := coalesce(served, 1);
    first := GREATEST(CASE WHEN coalesce(given, 0) >= served THEN served + 1 ELSE served END, waits + 1);
    placed := placed || jsonb_build_object(
      'consumer_id', own.consumer_id, 'workflow_id', own.workflow_id, 'queue', own.queue, 'priority', own.priority,
      'first', first, 'last', first + own.count - 1, 'before', (
        SELECT count(*) FROM (
          SELECT FROM heurist.task WHERE status = 'waiting' AND workflow_id = own.workflow_id
            AND (turn, number) < (first, 9223372036854775807) LIMIT 1000
        ) AS before
      )
    );
  END LOOP;
  -- looking for known job ids first would read all tasks of an owner, if it is planned for an empty table
  BEGIN
    INSERT INTO heurist.line (consumer_id, workflow_id, turn)
      SELECT p->>'consumer_id', p->>'workflow_id', (p->>'last')::int FROM jsonb_array_elements(placed) AS p
      ON CONFLICT (consumer_id, workflow_id) DO UPDATE SET turn = excluded.turn;
    WITH place AS (
      SELECT * FROM jsonb_to_recordset(placed) AS p(
        consumer_id text, workflow_id text, queue text, priority int, first int, before int
      )
    ), task AS (
      INSERT INTO heurist.task
        (task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, timeout_seconds, overdue_at,
         status, turn, priority, traceparent, has_webhook, key_id, scope, model_key)
      SELECT task_id, draft.consumer_id, job_id, fingerprint, task_type, draft.workflow_id, task_details, timeout_seconds,
        now() + timeout_seconds * interval '1 second', 'waiting', place.first + draft.place, place.priority, traceparent, false,
        key_id, scope, coalesce(model_key, '')
      FROM jsonb_to_recordset(drafts) AS draft(
        task_id uuid, consumer_id text, job_id text, fingerprint text, task_type text, workflow_id text, task_details jsonb,
        timeout_seconds float8, place int, rank int, traceparent text, key_id uuid, scope text, model_key text
      ) JOIN place USING (consumer_id, workflow_id)
      ORDER BY draft.rank
      RETURNING task_id, consumer_id, workflow_id, turn, number
    ), job AS (
      -- as pg-boss's \`insert\` does it
      INSERT INTO pgboss.job
        (id, name, priority, start_after, created_on, expire_seconds, deletion_seconds, keep_until, retry_limit, retry_delay,
         retry_backoff, retry_delay_max, policy, dead_letter, heartbeat_seconds, blocked, blocking, pending_dependencies)
      SELECT task.task_id, place.queue, -task.turn, pgboss.job_now(), pgboss.job_now(), queue.expire_seconds, queue.deletion_seconds,
        pgboss.job_now() + queue.retention_seconds * interval '1s', queue.retry_limit, queue.retry_delay, queue.retry_backoff,
        queue.retry_delay_max, queue.policy, queue.dead_letter, queue.heartbeat_seconds, false, false, 0
      FROM task JOIN place USING (consumer_id, workflow_id) LEFT JOIN pgboss.queue AS queue ON queue.name = place.queue
      ORDER BY task.number
    )
    SELECT jsonb_agg(jsonb_build_object('task_id', task.task_id, 'turn', turn, 'number', number, 'position', place.before + turn - place.first))
      INTO recorded FROM task JOIN place USING (consumer_id, workflow_id);
  EXCEPTION WHEN unique_violation THEN
    RETURN NULL;
  END;
  RETURN jsonb_build_object('tasks', recorded, 'counted', counted);
END $$`;

/** A claim's answer that the transactions have to do it: one row without a task. */
const NOT_HERE = `RETURN QUERY SELECT NULL::uuid, NULL, NULL, NULL::jsonb, NULL::int, NULL::timestamptz, NULL::timestamptz, NULL::jsonb,
      NULL, NULL, NULL::boolean, NULL::int;
    RETURN;`;

/**
 * Hands out the next jobs of a workflow, or \`these\`, in the order of the claimants. Answers one row without a task, and has changed nothing,
 * if owners were passed by, or if one of the claimants may be over a limit. Raises HE001 if a job has no task that waits.
 */
export const CLAIM = `CREATE OR REPLACE FUNCTION heurist.claim_tasks_1(workflow text, queue text, claimants jsonb, these uuid[])
RETURNS TABLE (task_id uuid, task_type text, workflow_id text, task_details jsonb, attempt int, created_at timestamptz,
  claimed_at timestamptz, history jsonb, traceparent text, model_key text, was_warm boolean, place int)
LANGUAGE plpgsql ${BY_INDEX} AS $$
#variable_conflict use_column
DECLARE
  miner_ids text[] := ARRAY(SELECT DISTINCT c->>'miner_id' FROM jsonb_array_elements(claimants) AS c);
  size int := jsonb_array_length(claimants);
  ids uuid[];
  counts int[];
  started int;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('claims ' || workflow, 15));
  IF ${firstWaiting('workflow')} < ${lastServed('workflow')} OR EXISTS (
    -- as \`isLate\` has it
    SELECT FROM heurist.line WHERE line.workflow_id = workflow AND has_gap AND coalesce((
      SELECT min(turn) FROM heurist.task WHERE task.consumer_id = line.consumer_id AND task.workflow_id = line.workflow_id
        AND status = 'waiting' AND priority IN (1, 0, -1)
    ) > GREATEST(${lastServed('workflow')}, ${firstWaiting('workflow')}) + 1, true)
  ) THEN
    ${NOT_HERE}
  END IF;
  ${lockAll(`ARRAY(SELECT 'miner ' || miner FROM unnest(miner_ids) AS miner)`)}
  IF (
    WITH one AS (
      SELECT miner_id, coalesce(key_id, '') AS key_id, coalesce(machine_id, '') AS machine_id, 1 AS count, of_owner, of_key, of_machine
      FROM jsonb_to_recordset(claimants) AS claimant(
        miner_id text, key_id text, machine_id text, of_owner int, of_key int, of_machine int
      )
      UNION ALL
      SELECT miner_id, coalesce(miner_key_id::text, ''), coalesce(machine_id, ''), count(*), NULL, NULL, NULL FROM heurist.task
      WHERE status = 'running' AND miner_id = ANY(miner_ids) GROUP BY 1, 2, 3
    )
    SELECT EXISTS (SELECT FROM one GROUP BY miner_id HAVING sum(count) > min(of_owner))
      OR EXISTS (SELECT FROM one GROUP BY miner_id, key_id HAVING sum(count) > min(of_key))
      OR EXISTS (SELECT FROM one GROUP BY miner_id, machine_id HAVING sum(count) > min(of_machine))
  ) THEN
    ${NOT_HERE}
  END IF;
  -- as pg-boss's \`fetch\` does it
  IF these IS NULL THEN
    ids := ARRAY(
      SELECT job.id FROM pgboss.job AS job WHERE job.name = queue AND job.state < 'active' AND NOT job.blocked
        AND job.start_after <= pgboss.job_now()
      ORDER BY job.priority DESC, job.created_on LIMIT size FOR UPDATE OF job SKIP LOCKED
    );
  ELSE
    ids := ARRAY(
      SELECT job.id FROM pgboss.job AS job WHERE job.name = queue AND job.id = ANY(these) AND job.state < 'active' AND NOT job.blocked
        AND job.start_after <= pgboss.job_now()
      ORDER BY array_position(these, job.id) FOR UPDATE OF job SKIP LOCKED
    );
  END IF;
  IF ids = '{}' THEN
    RETURN;
  END IF;
  WITH taken AS (
    UPDATE pgboss.job AS job SET state = 'active', started_on = pgboss.job_now(), heartbeat_on = pgboss.job_now(),
      retry_count = CASE WHEN started_on IS NOT NULL THEN retry_count + 1 ELSE retry_count END
    WHERE job.name = queue AND job.id = ANY(ids)
    RETURNING job.id, job.retry_count
  )
  SELECT array_agg(retry_count ORDER BY array_position(ids, id)) INTO counts FROM taken;
  RETURN QUERY UPDATE heurist.task AS task SET status = 'running', miner_id = claimant.miner_id, progress_at = NULL,
      claim_id = claimant.claim_id, attempt = job.retry_count + 1, claimed_at = now(), progress = NULL,
      miner_key_id = claimant.key_id, machine_id = claimant.machine_id,
      was_warm = CASE WHEN task.model_key <> '' THEN claimant.held ? task.model_key END
    FROM unnest(ids, counts) WITH ORDINALITY AS job(id, retry_count, place)
    JOIN ROWS FROM (jsonb_to_recordset(claimants) AS (
      miner_id text, claim_id text, key_id uuid, machine_id text, held jsonb
    )) WITH ORDINALITY AS claimant(miner_id, claim_id, key_id, machine_id, held, place) ON claimant.place = job.place
    WHERE task.task_id = job.id AND task.status = 'waiting'
    RETURNING task.task_id, task.task_type, task.workflow_id, task.task_details, task.attempt, task.created_at, task.claimed_at,
      task.history, task.traceparent, task.model_key, task.was_warm, job.place::int - 1;
  GET DIAGNOSTICS started = ROW_COUNT;
  IF started < cardinality(ids) THEN
    RAISE EXCEPTION 'a job has no task that waits' USING ERRCODE = 'HE001';
  END IF;
END $$`;

/** Completes jobs and finishes their tasks: those whose attempt is the current one. Raises HE001 if a job has no such task. */
export const FINISH = `CREATE OR REPLACE FUNCTION heurist.finish_tasks_1(deliveries jsonb)
RETURNS TABLE (task_id uuid, attempt int, has_webhook boolean, workflow_id text, miner_id text, history jsonb,
  claimed_at timestamptz, ended_at timestamptz, upload_ms float8, model_key text, was_warm boolean, load_ms float8)
LANGUAGE plpgsql ${BY_INDEX} AS $$
#variable_conflict use_column
DECLARE
  completed uuid[];
  finished int;
BEGIN
  -- as pg-boss's \`complete\` does it, with its fence
  WITH done AS (
    UPDATE pgboss.job AS job SET completed_on = pgboss.job_now(), state = 'completed', output = NULL
    FROM jsonb_to_recordset(deliveries) AS claim(queue text, task_id uuid, attempt int)
    WHERE job.name = claim.queue AND job.id = claim.task_id AND job.state = 'active' AND job.retry_count = claim.attempt - 1
    RETURNING job.id
  )
  SELECT array_agg(id) INTO completed FROM done;
  IF completed IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY UPDATE heurist.task AS task SET status = 'finished', ended_at = now(), artifact_ids = delivery.artifact_ids,
      parameters = delivery.parameters, models = delivery.models, versions = delivery.versions, upload_ms = delivery.upload_ms,
      result = delivery.result, load_ms = delivery.load_ms
    FROM jsonb_to_recordset(deliveries) AS delivery(
      task_id uuid, attempt int, artifact_ids jsonb, parameters jsonb, models jsonb, versions jsonb, upload_ms float8, result text,
      load_ms float8
    )
    WHERE task.task_id = ANY(completed) AND task.task_id = delivery.task_id AND task.attempt = delivery.attempt
      AND task.status = 'running'
    RETURNING task.task_id, task.attempt, task.has_webhook, task.workflow_id, task.miner_id, task.history, task.claimed_at,
      task.ended_at, task.upload_ms, task.model_key, task.was_warm, task.load_ms;
  GET DIAGNOSTICS finished = ROW_COUNT;
  IF finished < cardinality(completed) THEN
    RAISE EXCEPTION 'a job has no task that runs' USING ERRCODE = 'HE001';
  END IF;
  UPDATE heurist.webhook AS webhook SET next_at = now() FROM heurist.task AS task
    WHERE webhook.task_id = ANY(completed) AND task.task_id = webhook.task_id AND task.has_webhook;
END $$`;
