using System.CommandLine;

namespace ChatMvc.Control;

internal static class UserCommands
{
    public static Command Create() => new("user", "The people who use it.")
    {
        NumberCommand.Create("invite", "Lets a number sign up where SignUp:Mode is invited.", ControlCommands.InviteUser),
    };
}
