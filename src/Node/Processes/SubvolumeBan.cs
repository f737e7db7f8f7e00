using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sealos.Node.Processes;

/// <summary>
/// Keeps a program, and all that it ever starts, from making btrfs subvolumes. The kernel lets everybody do so who may make a folder,
/// and what lies in a subvolume does not count against the quota of the volume around it. The filter is inherited, whatever profile a
/// container has of its own.
/// </summary>
internal static unsafe partial class SubvolumeBan
{
    private const int SetSeccomp = 22;
    private const nuint Filter = 2;
    private const uint Allow = 0x7fff0000;
    private const uint NotPermitted = 0x00050001;
    private const ushort Load = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint NumberAt = 0;
    private const uint ArchitectureAt = 4;
    private const uint SecondArgumentAt = 24;

    // SUBVOL_CREATE, SNAP_CREATE, SNAP_CREATE_V2, SUBVOL_CREATE_V2.
    private static readonly uint[] Requests = [0x5000940e, 0x50009401, 0x50009417, 0x50009418];

    // ioctl as each kind of program calls it: x86-64 and its x32, i386, arm64 and arm.
    private static readonly (uint Architecture, uint Number)[] Calls =
        [(0xc000003e, 16), (0xc000003e, 0x40000202), (0xc000003e, 0x40000010), (0x40000003, 54), (0xc00000b7, 29), (0x40000028, 54)];

    /// <summary>Runs <paramref name="start"/>, which starts a process and does no more, on a thread that has the filter, as the process then has.</summary>
    public static Task<T> RunAsync<T>(Func<T> start)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);

        // Threads inherit the filter, too: what goes on afterwards, and may start some, is another thread's.
        new Thread(() =>
        {
            Exception? failure = null;
            T? started = default;
            var filtered = new Thread(() =>
            {
                try
                {
                    Apply();
                    started = start();
                }
                catch (Exception e)
                {
                    failure = e;
                }
            });
            try
            {
                StartRuntimeThreads();
                filtered.Start();
                filtered.Join();
            }
            catch (Exception e)
            {
                failure = e;
            }

            if (failure is null)
            {
                result.SetResult(started!);
            }
            else
            {
                result.SetException(failure);
            }
        })
        { IsBackground = true }.Start();
        return result.Task;
    }

    // The first process that is started begins the thread that hears of the ends of all.
    private static void StartRuntimeThreads()
    {
        using var process = Process.Start(new ProcessStartInfo("true"));
        process?.WaitForExit();
    }

    private static void Apply()
    {
        var program = Build();
        fixed (Instruction* first = program)
        {
            var header = new Program { Length = (ushort)program.Length, First = first };
            if (Control(SetSeccomp, Filter, &header, 0, 0) != 0)
            {
                throw new IOException($"the kernel takes no seccomp filter: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
            }
        }
    }

    private static Instruction[] Build()
    {
        List<Instruction> program = [new(Load, SecondArgumentAt)];
        for (var i = 0; i < Requests.Length; i++)
        {
            program.Add(new Instruction(JumpIfEqual, Requests[i], (byte)(Requests.Length - i), 0));
        }

        program.Add(new Instruction(Return, Allow));
        foreach (var (architecture, number) in Calls)
        {
            program.AddRange(
                new Instruction(Load, ArchitectureAt), new Instruction(JumpIfEqual, architecture, 0, 3),
                new Instruction(Load, NumberAt), new Instruction(JumpIfEqual, number, 0, 1), new Instruction(Return, NotPermitted));
        }

        return [.. program, new Instruction(Return, Allow)];
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nuint mode, Program* program, nuint fourth, nuint fifth);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value)
    {
        public Instruction(ushort code, uint value)
            : this(code, 0, 0, value)
        {
        }

        public Instruction(ushort code, uint value, byte ifTrue, byte ifFalse)
            : this(code, ifTrue, ifFalse, value)
        {
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public Instruction* First;
    }
}
