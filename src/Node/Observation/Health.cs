using Barnabas.Base;

namespace Barnabas.Node;

/// <summary>Whether a node is alive, and whether it serves. Safe from any lane.</summary>
internal sealed class Health(Host host)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private volatile ObservedParts? _parts;
    private int _stage = (int)BrokerStage.Starting;

    /// <summary>How far the node has come.</summary>
    public BrokerStage Stage
    {
        get => (BrokerStage)Volatile.Read(ref _stage);
        set => Volatile.Write(ref _stage, (int)value);
    }

    /// <summary>Looks at these parts from now on.</summary>
    public void Watch(ObservedParts parts) => _parts = parts;

    /// <summary>The lanes that do not answer, by name; empty where the node is alive.</summary>
    public async Task<IReadOnlyList<string>> SilentLanesAsync()
    {
        if (_parts is not { } parts)
            return [];
        (string Lane, Task Answer)[] asked =
        [
            ("acceptors", parts.Server.CountAsync()), ("metadata", parts.Metadata.PingAsync()),
            ("replicas", parts.Broker.Replicas.PingAsync()),
        ];
        using var patience = new CancellationTokenSource(Patience, host.Time);
        var silent = new List<string>();
        foreach (var (lane, answer) in asked)
        {
            await answer.WaitAsync(patience.Token).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (!answer.IsCompletedSuccessfully)
                silent.Add(lane);
        }

        return silent;
    }

    /// <summary>Why the node does not serve; empty where it does.</summary>
    public IReadOnlyList<string> Obstacles()
    {
        var parts = _parts;
        if (Stage != BrokerStage.Running || parts is null)
            return [WhatItDoes()];
        var obstacles = new List<string>();
        if (!parts.Broker.State.IsActive(parts.Broker.Id))
            obstacles.Add("it is fenced");
        if (!parts.Broker.Replicas.Directories.Online.Any())
            obstacles.Add("every log directory has failed");
        if (parts.Metadata.Fault.IsCompleted)
            obstacles.Add("the metadata log has failed");
        return obstacles;
    }

    private string WhatItDoes() => Stage switch
    {
        BrokerStage.Recovering => "it opens and recovers its logs",
        BrokerStage.Stopping => "it stops",
        _ => "it starts",
    };
}
