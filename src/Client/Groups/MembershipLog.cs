using Microsoft.Extensions.Logging;

namespace Barnabas.Client;

/// <summary>What a membership tells in the log, by whichever protocol it is kept.</summary>
internal static partial class MembershipLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "group '{Group}' has gone on without this member: {Code}")]
    public static partial void Lost(ILogger log, string group, string code);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "group '{Group}': left, for the application has not asked for records for {Longest}")]
    public static partial void Stuck(ILogger log, string group, TimeSpan longest);

    [LoggerMessage(Level = LogLevel.Debug, Message = "group '{Group}': not left in good order: {Reason}")]
    public static partial void NotLeft(ILogger log, string group, string reason);
}
