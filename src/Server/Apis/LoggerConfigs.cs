using System.Globalization;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Microsoft.Extensions.Logging;
using Change = Barnabas.Wire.Messages.IncrementalAlterConfigsRequest.AlterableConfig;
using Resource = Barnabas.Wire.Messages.IncrementalAlterConfigsRequest.AlterConfigsResource;

namespace Barnabas.Server.Apis;

/// <summary>The levels of this process's loggers, seen as configs of the resource BROKER_LOGGER (KIP-412).</summary>
/// <remarks>They are not the cluster's: nothing is recorded, and a restart forgets them.</remarks>
internal sealed partial class LoggerConfigs(Host host, BrokerId self)
{
    private readonly ILogger _log = host.Log.CreateLogger<LoggerConfigs>();
    private readonly LogLevels _levels = host.LogLevels;

    /// <summary>True for the resource that is the loggers of a broker.</summary>
    public static bool IsLogger(sbyte resourceType) => resourceType == (sbyte)ConfigResourceType.BrokerLogger;

    /// <summary>Says whether the loggers of a broker can be described here.</summary>
    public ApiError CheckDescribed(string broker)
    {
        if (broker.Length == 0)
            return Refused("Broker id must not be empty");
        if (!int.TryParse(broker, CultureInfo.InvariantCulture, out var id))
            return Refused($"Broker id must be an integer, but it is: {broker}");
        return id == self.Value
            ? ApiError.None
            : Refused($"Unexpected broker id, expected {self} but received {broker}");
    }

    /// <summary>Every logger and its level, by name.</summary>
    public IReadOnlyList<ConfigEntry> Describe() =>
    [
        .. _levels.Effective.Select(logger => new ConfigEntry(
            logger.Key, logger.Value.KafkaName(), ConfigSource.DynamicBrokerLogger, ConfigType.Unknown, [], null)),
    ];

    /// <summary>Changes levels, all that a resource of a request names or none.</summary>
    /// <param name="resource">The resource, of type BROKER_LOGGER.</param>
    /// <param name="validateOnly">True to change nothing.</param>
    public ApiError Alter(Resource resource, bool validateOnly)
    {
        var error = CheckAltered(resource.ResourceName);
        foreach (var change in resource.Configs)
        {
            if (!error.IsFailure)
                error = Check(change);
        }

        if (!error.IsFailure && !validateOnly)
        {
            foreach (var change in resource.Configs)
                Perform(change);
        }

        return error;
    }

    private ApiError CheckAltered(string broker)
    {
        if (!int.TryParse(broker, CultureInfo.InvariantCulture, out var id))
            return Refused($"Node id must be an integer, but it is: {broker}");
        return id == self.Value
            ? ApiError.None
            : Refused($"Unexpected node id. Expected {self}, but received {id}");
    }

    private ApiError Check(Change change)
    {
        switch ((ConfigOperationKind)change.ConfigOperation)
        {
            case ConfigOperationKind.Set when !_levels.IsKnown(change.Name):
            case ConfigOperationKind.Delete when !_levels.IsKnown(change.Name):
                return new(ErrorCode.InvalidConfig, $"Logger {change.Name} does not exist!");
            case ConfigOperationKind.Set when change.Value is null || !LogLevelNames.All.Contains(change.Value):
                return new(
                    ErrorCode.InvalidConfig,
                    $"Cannot set the log level of {change.Name} to {change.Value} as it is not a supported log level. "
                        + $"Valid log levels are {string.Join(", ", LogLevelNames.All)}");
            case ConfigOperationKind.Delete when change.Name == LogLevels.Root:
                return Refused("Removing the log level of the root logger is not allowed");
            case ConfigOperationKind.Set or ConfigOperationKind.Delete:
                return ApiError.None;
            case ConfigOperationKind.Append or ConfigOperationKind.Subtract:
                var name = ((ConfigOperationKind)change.ConfigOperation).ToString().ToUpperInvariant();
                return Refused($"{name} operation is not allowed for the BROKER_LOGGER resource");
            default:
                return Refused(
                    $"Unknown operation type {change.ConfigOperation} is not allowed for the BROKER_LOGGER resource");
        }
    }

    private void Perform(Change change)
    {
        if (change.ConfigOperation == (sbyte)ConfigOperationKind.Delete)
            _levels.Inherit(change.Name);
        else if (LogLevelNames.TryParse(change.Value ?? "", out var level))
            _levels.Change(change.Name, level);
        SayLevel(_log, change.Name, _levels.Of(change.Name).KafkaName());
    }

    private static ApiError Refused(string message) => new(ErrorCode.InvalidRequest, message);

    [LoggerMessage(LogLevel.Information, "The level of the logger {Logger} is {Level} now")]
    private static partial void SayLevel(ILogger log, string logger, string level);
}
