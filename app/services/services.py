"""All services of the program in one value; application builds it, the window is handed it."""

from dataclasses import dataclass

from app.services.analysis import Analysis
from app.services.background import Background
from app.services.fine_tunes import FineTunes
from app.services.frame_source import FrameSource
from app.services.inference import LiveInference
from app.services.job_runner import JobRunner
from app.services.media_intake import MediaIntake
from app.services.messages import Messages
from app.services.model_files import ModelFiles
from app.services.model_preparing import ModelPreparing
from app.services.playback import Playback
from app.services.project_service import ProjectService
from app.services.proxies import Proxies
from app.services.safekeeping import Safekeeping
from app.services.seeing import Seeing
from app.services.settings_keeper import SettingsKeeper
from app.services.training import Training


@dataclass(frozen=True)
class Services:
    """What views may ask."""

    messages: Messages
    settings: SettingsKeeper
    project: ProjectService
    background: Background
    source: FrameSource
    playback: Playback
    live: LiveInference
    runner: JobRunner
    preparing: ModelPreparing
    analysis: Analysis
    training: Training
    fine_tunes: FineTunes
    model_files: ModelFiles
    intake: MediaIntake
    proxies: Proxies
    safekeeping: Safekeeping
    seeing: Seeing

    def shutdown(self) -> None:
        """End threads and processes; what runs in the background keeps what it has done.

        All are asked first and waited for then: together they take as long as the slowest.
        """
        self.fine_tunes.leave()
        self.runner.ask_to_end()
        self.live.shutdown()
        self.intake.shutdown()
        self.proxies.shutdown()
        self.seeing.shutdown()
        self.source.shutdown()
        self.runner.shutdown()
        self.background.shutdown()
        self.project.close()
