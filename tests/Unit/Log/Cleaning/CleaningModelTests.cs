namespace Barnabas.Tests.Unit.Log;

public sealed class CleaningModelTests
{
    /// <summary>How many histories are tried; more by BARNABAS_SEEDS.</summary>
    private static readonly int Seeds =
        int.TryParse(Environment.GetEnvironmentVariable("BARNABAS_SEEDS"), out var seeds) ? seeds : 30;

    [Fact]
    public void Whatever_is_written_the_last_value_of_each_key_stays_and_nothing_else()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var model = new CleaningModel(seed);
            for (var step = 0; step < 120; step++)
                Told($"seed {seed}, step {step}", model.Step);
            Told($"seed {seed}, at the end", model.Finish);
        }
    }

    private static void Told(string when, Action act)
    {
        try
        {
            act();
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"{when}: {fault.Message}", fault);
        }
    }
}
