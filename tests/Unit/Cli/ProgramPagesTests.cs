using Barnabas.Cli.Commands.Start;

namespace Barnabas.Tests.Unit.Cli;

public sealed class ProgramPagesTests
{
    [Theory]
    [InlineData("1000-3000 r-xp 00200000 fe:00 11755804 /opt/barnabas", 0, true)]
    [InlineData("1000-3000 r--s 00200000 fe:00 11755804 /opt/barnabas", 0, true)]
    [InlineData("1000-3000 r-xp 00200000 fe:00 11755804 /opt/barnabas", 4, false)]
    [InlineData("1000-3000 r--p 00200000 fe:00 11755804 /opt/barnabas", 0, false)]
    [InlineData("1000-3000 rw-p 00200000 fe:00 11755804 /opt/barnabas", 0, false)]
    [InlineData("1000-3000 rw-s 00200000 fe:00 11755804 /memfd:doublemapper (deleted)", 0, false)]
    [InlineData("1000-3000 r-xs 00200000 fe:00 11755804 /memfd:doublemapper (deleted)", 0, false)]
    [InlineData("1000-3000 r-xp 00200000 fe:00 11755804 /opt/barnabas (deleted)", 0, false)]
    [InlineData("1000-3000 r-xp 00000000 00:00 0                        [vdso]", 0, false)]
    [InlineData("1000-3000 rw-p 00000000 00:00 0 ", 0, false)]
    public void Only_what_nobody_writes_is_given_back(string mapping, int anonymous, bool isGivenBack)
    {
        string[] account = [mapping, "Size:                  8 kB", $"Anonymous:             {anonymous} kB"];
        (nuint, nuint)[] expected = isGivenBack ? [(0x1000, 0x2000)] : [];
        Assert.Equal(expected, ProgramPages.UnwrittenOf(account));
    }

    [Fact]
    public void Each_mapping_is_judged_by_its_own_lines()
    {
        string[] account =
        [
            "70000000-70001000 r-xp 00000000 fe:00 1 /lib/a", "Anonymous:             0 kB",
            "70001000-70002000 rw-p 00001000 fe:00 1 /lib/a", "Anonymous:             0 kB",
            "70002000-70005000 r--s 00002000 fe:00 1 /lib/a", "Anonymous:             0 kB",
        ];
        Assert.Equal(
            [((nuint)0x70000000, (nuint)0x1000), ((nuint)0x70002000, (nuint)0x3000)],
            ProgramPages.UnwrittenOf(account));
    }

    [Fact]
    public void The_process_runs_on_without_them()
    {
        Assert.Equal(OperatingSystem.IsLinux(), ProgramPages.GiveBack() > 0);
        Assert.Equal("still here", string.Join(' ', "still", "here"));
    }
}
