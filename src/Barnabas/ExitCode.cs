using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli;

/// <summary>What the process ends with; scripts may rely on these.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Unreachable = 3;
    public const int Authentication = 4;
    public const int Authorization = 5;
    public const int NotFound = 6;
    public const int Conflict = 7;
    public const int PartlyFailed = 8;
    public const int Unhealthy = 9;
    public const int Interrupted = 130;
    public const int BrokenPipe = 141;

    /// <summary>The code of an error.</summary>
    public static int Of(KafkaException fault) => fault.Code switch
    {
        ErrorCode.NetworkException or ErrorCode.RequestTimedOut or ErrorCode.BrokerNotAvailable => Unreachable,
        ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism
            or ErrorCode.IllegalSaslState => Authentication,
        ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed
            or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed
            or ErrorCode.DelegationTokenAuthorizationFailed => Authorization,
        ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId or ErrorCode.GroupIdNotFound
            or ErrorCode.ResourceNotFound or ErrorCode.TransactionalIdNotFound
            or ErrorCode.UnknownMemberId or ErrorCode.BrokerIdNotRegistered => NotFound,
        ErrorCode.TopicAlreadyExists or ErrorCode.NonEmptyGroup or ErrorCode.DuplicateResource
            or ErrorCode.ReassignmentInProgress or ErrorCode.GroupSubscribedToTopic => Conflict,
        ErrorCode.InvalidConfig when fault.InnerException is FormatException or ArgumentException => Usage,
        _ => Failed,
    };

    /// <summary>The code of several results: that of the failures if all failed alike, else partly failed.</summary>
    public static int Of(IReadOnlyCollection<KafkaException?> failures)
    {
        var codes = failures.Select(f => f is null ? Ok : Of(f)).Distinct().ToList();
        return codes.Count switch
        {
            0 => Ok,
            1 => codes[0],
            _ => PartlyFailed,
        };
    }
}
