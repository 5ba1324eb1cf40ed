using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Server.Brokers;

/// <summary>How long a client's request looks for the controller, and whether it was found.</summary>
internal static class ControllerSearch
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>How long a request may take: as long as it says, and no longer than a minute.</summary>
    public static TimeSpan LimitOf(object request)
    {
        if (request is not ITimed { TimeoutMs: var ms })
            return Longest;
        var limit = TimeSpan.FromMilliseconds(Math.Max(0, ms));
        return limit < Longest ? limit : Longest;
    }

    /// <summary>True of an answer that comes from somebody who is not the controller.</summary>
    public static bool IsFromOther(object? answer)
    {
        if (answer is not IErrorCounted counted)
            return false;
        var tally = new Tally();
        counted.CountErrors(tally);
        return tally.HasFound;
    }

    private sealed class Tally : IErrorTally
    {
        public bool HasFound { get; private set; }

        public void Add(ErrorCode error) => HasFound |= error == ErrorCode.NotController;
    }
}
