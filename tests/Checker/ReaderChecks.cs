using System.Runtime.InteropServices;

namespace Barnabas.Tests.Checker;

/// <summary>Whether readers went on from where they were.</summary>
internal static class ReaderChecks
{
    public static void Run(Facts facts, Findings findings)
    {
        var readers = new Dictionary<int, Reader>();
        var consumed = new Dictionary<(int Key, long Value), int>();
        for (var i = 0; i < facts.Operations.Count; i++)
        {
            var operation = facts.Operations[i];
            ref var reader = ref CollectionsMarshal.GetValueRefOrAddDefault(readers, operation.Process, out _);
            reader ??= new Reader(facts, findings);
            reader.Take(i, operation);
            if (reader.IsSubscribed && operation is { IsTransaction: true, Outcome: Outcome.Ok })
                Count(i, operation, consumed, findings);
        }
    }

    private static void Count(
        int index, Operation operation, Dictionary<(int Key, long Value), int> consumed, Findings findings)
    {
        foreach (var step in operation.Steps)
        {
            if (step.Kind == StepKind.Read && !consumed.TryAdd((step.Key, step.Value), index))
                findings.Add(Anomaly.ConsumedTwice, step.Key, [consumed[(step.Key, step.Value)], index], step.Value);
        }
    }

    /// <summary>One client, and where it is.</summary>
    private sealed class Reader(Facts facts, Findings findings)
    {
        /// <summary>By key: the last value that a successful operation read, and which operation.</summary>
        private readonly Dictionary<int, (long Value, int Operation)> _last = [];

        /// <summary>By key: the first value that an aborted transaction read, where nothing was read since.</summary>
        private readonly Dictionary<int, (long Value, int Operation)> _aborted = [];

        /// <summary>True when the group says what it reads: a rebalance may set it back or ahead at any time.</summary>
        public bool IsSubscribed { get; private set; }

        public void Take(int index, Operation operation)
        {
            if (operation.Assigns is { } keys)
                Assign(keys, operation.IsSubscription);
            foreach (var key in operation.Rebalanced)
                Forget(key);
            foreach (var reads in operation.Steps.Where(static step => step.Kind == StepKind.Read)
                .GroupBy(static step => step.Key))
            {
                Take(index, operation, reads.Key, [.. reads.Select(static read => read.Value)]);
            }
        }

        private void Assign(IReadOnlyList<int> keys, bool isSubscription)
        {
            IsSubscribed = isSubscription;
            foreach (var key in _last.Keys.Concat(_aborted.Keys).Except(keys).ToList())
                Forget(key);
        }

        private void Forget(int key)
        {
            _last.Remove(key);
            _aborted.Remove(key);
        }

        private void Take(int index, Operation operation, int key, List<long> values)
        {
            var log = facts.LogOf(key);
            if (!operation.Rebalanced.Contains(key))
                CheckWithin(index, key, log, values);
            CheckAfterAbort(index, key, log, values[0]);
            if (_last.TryGetValue(key, out var last))
                CheckOnward(index, key, log.Distance(last.Value, values[0]), last, values[0]);
            if (operation.Outcome == Outcome.Ok)
                _last[key] = (values[^1], index);
            else if (operation is { IsTransaction: true, Outcome: Outcome.Failed })
                _aborted[key] = (values[0], index);
        }

        private void CheckOnward(int index, int key, int distance, (long Value, int Operation) last, long value)
        {
            if (distance is 1)
                return;
            findings.Add(
                distance > 1 ? Anomaly.PollSkip : Anomaly.NonmonotonicPoll, key, [last.Operation, index],
                isAllowed: IsSubscribed, [last.Value, value]);
        }

        private void CheckWithin(int index, int key, KeyLog log, List<long> values)
        {
            foreach (var (value, next) in values.Zip(values.Skip(1)))
            {
                var distance = log.Distance(value, next);
                if (distance > 1)
                    findings.Add(Anomaly.InternalPollSkip, key, [index], value, next);
                else if (distance < 1)
                    findings.Add(Anomaly.InternalNonmonotonicPoll, key, [index], value, next);
            }
        }

        private void CheckAfterAbort(int index, int key, KeyLog log, long value)
        {
            if (_aborted.Remove(key, out var aborted) && aborted.Value != value
                && log.Distance(aborted.Value, value) != 0)
            {
                findings.Add(
                    Anomaly.AbortPosition, key, [aborted.Operation, index], isAllowed: IsSubscribed,
                    [aborted.Value, value]);
            }
        }
    }
}
